// Small pieces of English that several messages need.

/** `1 dimension`, `2 dimensions`. */
export function count(n: number, one: string, many = `${one}s`): string {
    return `${n} ${n === 1 ? one : many}`;
}
