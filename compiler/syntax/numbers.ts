// What a number token means. Digits are taken exactly: integers of any size as bigint, floats as the nearest double.

/** The value of a number token, or what is wrong with it. */
export type NumberValue =
    | { readonly kind: "integer"; readonly value: bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "malformed"; readonly help: string };

/** Longer than any number of any type; reading more digits could take long. */
const MAX_DIGITS = 400;

const INTEGER = /^(?:0|[1-9]\d*(?:_+\d+)*|0[xX][0-9a-fA-F]+(?:_+[0-9a-fA-F]+)*|0[bB][01]+(?:_+[01]+)*)$/;
const FLOAT = /^(?!0[\d_]+$)\d+(?:_+\d+)*(?:\.\d+(?:_+\d+)*)?(?:[eE][+-]?\d+)?$/;

export function readNumber(image: string): NumberValue {
    if (image.length > MAX_DIGITS) return { kind: "malformed", help: `a number has at most ${MAX_DIGITS} characters` };
    const digits = image.includes("_") ? image.replaceAll("_", "") : image;
    if (INTEGER.test(image)) return { kind: "integer", value: BigInt(digits) };
    if (FLOAT.test(image)) return { kind: "float", value: Number(digits) };
    return { kind: "malformed", help: helpFor(image) };
}

function helpFor(image: string): string {
    if (/^0[xX]/.test(image)) return "hexadecimal digits are 0 to 9 and a to f, such as `0xff`";
    if (/^0[bB]/.test(image)) return "binary digits are 0 and 1, such as `0b1010`";
    if (/^0[oO]/.test(image)) return "numbers are decimal, hexadecimal (`0xff`) or binary (`0b1010`)";
    if (/^0[\d_]*$/.test(image))
        return "a decimal number begins with another digit than 0, and there are no octal ones";
    const number = /^\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?/.exec(image)?.[0].replace(/_+$/, "") ?? image;
    if (/^[\d_.]*_$/.test(image)) return `write \`${number}\`: \`_\` stands between digits`;
    return `write \`${number}\`: a number has no suffix, it takes the type that its place demands`;
}
