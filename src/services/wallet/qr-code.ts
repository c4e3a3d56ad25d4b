import { passRecordModel, type Pass, type QrFormat, type StoredPass } from './models.ts';

/** The pass with its token, which is kept nowhere. */
export async function handOver(pass: StoredPass, token: string, format: QrFormat): Promise<Pass> {
  const { encodeQR } = await import('qr');
  return { ...passRecordModel.parse(pass), token, qr: encodeQR(token, format) };
}
