import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const length = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, length);
  return `${salt.toString('base64')}:${hash.toString('base64')}`;
}

/** Takes as long where there is no such account, so that nobody learns who has one. */
export async function isPassword(password: string, stored: string = nobodys): Promise<boolean> {
  const [salt = '', hash = ''] = stored.split(':');
  const derived = await derive(password, Buffer.from(salt, 'base64'), length);
  return stored !== nobodys && timingSafeEqual(derived, Buffer.from(hash, 'base64'));
}

const nobodys = `${Buffer.alloc(16).toString('base64')}:${Buffer.alloc(length).toString('base64')}`;
