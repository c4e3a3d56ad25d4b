/** What begins like a PNG, and is as long as it is wanted. */
export function png(length = 100): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length, 7);
  Buffer.from('89504e470d0a1a0a', 'hex').copy(bytes);
  return bytes;
}

export const script = Buffer.from('<script>alert(1)</script>');
