// Complex arithmetic in double precision, from the definitions: the reference of std.complex and std.fft. Numbers of f32
// overflow nothing here.

export type Complex = readonly [re: number, im: number];

const polar = (r: number, angle: number): Complex => [r * Math.cos(angle), r * Math.sin(angle)];
const mul = ([a, b]: Complex, [c, d]: Complex): Complex => [a * c - b * d, a * d + b * c];

/** log |a|, as log1p((x − 1)(x + 1) + y²) / 2 near 1, where |a| itself has lost what matters. */
function logMagnitude([a, b]: Complex): number {
    const [x, y] = [Math.max(Math.abs(a), Math.abs(b)), Math.min(Math.abs(a), Math.abs(b))];
    return x > 0.5 && x < 1.5 ? Math.log1p((x - 1) * (x + 1) + y * y) / 2 : Math.log(Math.hypot(a, b));
}

function log(a: Complex): Complex {
    return [logMagnitude(a), Math.atan2(a[1], a[0])];
}

/** The root from the half angle's formulas, each without cancellation. */
function sqrt([a, b]: Complex): Complex {
    const root = Math.sqrt((Math.abs(a) + Math.hypot(a, b)) / 2);
    if (root === 0) return [0, b];
    const other = b / (2 * root);
    return a >= 0 ? [root, other] : [Math.abs(other), b < 0 || Object.is(b, -0) ? -root : root];
}

const exp = ([a, b]: Complex): Complex => polar(Math.exp(a), b);

export const complex = {
    add: ([a, b]: Complex, [c, d]: Complex): Complex => [a + c, b + d],
    sub: ([a, b]: Complex, [c, d]: Complex): Complex => [a - c, b - d],
    neg: ([a, b]: Complex): Complex => [-a, -b],
    conj: ([a, b]: Complex): Complex => [a, -b],
    mul,
    div: (p: Complex, [c, d]: Complex): Complex => {
        const square = c * c + d * d;
        const [re, im] = mul(p, [c, -d]);
        return [re / square, im / square];
    },
    exp,
    log,
    sqrt,
    pow: (a: Complex, b: Complex): Complex => exp(mul(b, log(a))),
} as const;
