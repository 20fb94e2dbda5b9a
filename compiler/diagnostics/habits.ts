// What authors of C, CUDA, HIP, OpenCL, GLSL, Rust and Python are used to write, and what Soma has for it. These words are
// looked up where a program is wrong anyway: names that a program declares itself are never taken for them.

const TYPES = new Map([
    ["float", "f32"],
    ["double", "f64"],
    ["half", "f16"],
    ["bfloat16", "bf16"],
    ["char", "i8"],
    ["short", "i16"],
    ["int", "i32"],
    ["long", "i64"],
    ["byte", "u8"],
    ["uchar", "u8"],
    ["ushort", "u16"],
    ["uint", "u32"],
    ["unsigned", "u32"],
    ["ulong", "u64"],
    ["size_t", "index"],
    ["usize", "index"],
    ["isize", "index"],
    ["boolean", "bool"],
]);

/** What a vector's type begins with, as in `float4` and `ivec3`. */
const LANES = new Map([
    ...TYPES,
    ["bool", "bool"],
    ["vec", "f32"],
    ["dvec", "f64"],
    ["ivec", "i32"],
    ["uvec", "u32"],
    ["bvec", "bool"],
]);

/** The type that is called so elsewhere: `float`, `uint8_t`, `float4`. */
export function typeMeant(name: string): string | undefined {
    const scalar = TYPES.get(name) ?? /^u?int(8|16|32|64)_t$/.exec(name)?.[0].replace(/nt(\d+)_t/, "$1");
    if (scalar !== undefined) return scalar.replace(/^ui/, "u");
    const [, lane, count] = /^([a-z]+)(2|3|4|8|16)$/.exec(name) ?? [];
    const type = lane === undefined ? undefined : LANES.get(lane);
    return type === undefined ? undefined : `${type}x${count}`;
}

const FUNCTIONS = new Map([
    ["__syncthreads", "barrier"],
    ["__threadfence", "fence"],
    ["get_global_id", "global_id"],
    ["get_local_id", "local_id"],
    ["get_group_id", "group_id"],
    ["get_global_size", "global_size"],
    ["get_local_size", "local_size"],
    ["get_num_groups", "group_count"],
    ["atomicAdd", "atomic_add"],
    ["atomicSub", "atomic_sub"],
    ["atomicMin", "atomic_min"],
    ["atomicMax", "atomic_max"],
    ["atomicAnd", "atomic_and"],
    ["atomicOr", "atomic_or"],
    ["atomicXor", "atomic_xor"],
    ["atomicExch", "atomic_exchange"],
    ["atomicCAS", "atomic_compare_exchange"],
    ["__shfl", "wave_shuffle"],
    ["__shfl_xor", "wave_shuffle_xor"],
    ["__shfl_up", "wave_shuffle_up"],
    ["__shfl_down", "wave_shuffle_down"],
    ["__ballot", "wave_ballot"],
    ["__any", "wave_any"],
    ["__all", "wave_all"],
    ["__popc", "count_ones"],
    ["__popcll", "count_ones"],
    ["popcount", "count_ones"],
    ["__clz", "leading_zeros"],
    ["__clzll", "leading_zeros"],
    ["clz", "leading_zeros"],
    ["__brev", "reverse_bits"],
    ["fabs", "abs"],
    ["fmin", "min"],
    ["fmax", "max"],
    ["rint", "round"],
    ["isnan", "is_nan"],
    ["isinf", "is_inf"],
    ["ln", "log"],
]);

/** The function that is called so elsewhere, and takes the same. In C those of f32 end in f: `sqrtf`. */
export function functionMeant(name: string, known: ReadonlySet<string>): string | undefined {
    const vector = typeMeant(name.replace(/^make_/, ""));
    if (vector?.includes("x")) return vector;
    const [, plain] = /^(\w+)f$/.exec(name) ?? [];
    return FUNCTIONS.get(name) ?? (plain === undefined ? undefined : known.has(plain) ? plain : FUNCTIONS.get(plain));
}

const EXTENT = "an extent is its dimension's name: for `x: f32[n]` write `n`";
const NO_POINTERS = "there are no pointers: a view always has its elements";

const NO_TEXTS = "there are no texts on a device: only `print` and `assert` take one";
const PRINT = 'write `print("x = {}", x)`';

/** What there is instead of a value, a type, a function or a member that other languages have. */
const INSTEAD = new Map([
    ["threadIdx", "write `local_id()`, or `local_id(0)` for the first axis as written"],
    ["blockIdx", "write `group_id()`, or `group_id(0)` for the first axis as written"],
    ["blockDim", "write `local_size()`, or `local_size(0)` for the first axis as written"],
    ["gridDim", "write `group_count()`, or `group_count(0)` for the first axis as written"],
    ["warpSize", "write `wave_size()`"],
    ["NULL", NO_POINTERS],
    ["null", NO_POINTERS],
    ["nullptr", NO_POINTERS],
    ["None", NO_POINTERS],
    ["void", "a function without a result has no `->`"],
    ["string", NO_TEXTS],
    ["str", NO_TEXTS],
    ["String", NO_TEXTS],
    ["this", "a method's first parameter is called `self`"],
    ["INFINITY", "write `inf`"],
    ["NAN", "write `nan`"],
    ["M_PI", "write `PI` after `import std.math { PI }`"],
    ["target", "ask for one of its facts, such as `target.is_gfx1100`"],
    ["dim3", "several stand in parentheses: `groups (gy, gx) workgroup(16, 16)`"],
    ["not", "write `!`"],
    ["printf", PRINT],
    ["println", PRINT],
    ["range", "write `for i in 0 .. n { … }`"],
    ["len", EXTENT],
    ["size", EXTENT],
    ["length", EXTENT],
    ["shape", EXTENT],
    ["sizeof", "the specification says how many bytes a type has in memory"],
    ["__syncwarp", "lanes of a wave meet at each `wave_…` function: nothing is needed"],
]);

/** A remedy for a name that Soma hasn't. */
export function insteadOf(name: string): string | undefined {
    // CUDA's functions of waves begin with the mask of their lanes.
    const masked = /^(\w+)_sync$/.exec(name)?.[1];
    const wave = masked === undefined ? undefined : FUNCTIONS.get(masked);
    return wave === undefined ? INSTEAD.get(name) : `write \`${wave}(…)\`, without a mask: the active lanes take part`;
}
