// Which processor a code object is for: the `EF_AMDGPU_MACH` field of its ELF header and the features beside it.
// Values: LLVM 22, "User Guide for AMDGPU Backend", section "ELF Code Object", tables of e_flags for V4 and later.

const MACH_MASK = 0xff;

const MACHINES: ReadonlyMap<number, string> = new Map([
    [0x20, "gfx600"],
    [0x21, "gfx601"],
    [0x22, "gfx700"],
    [0x23, "gfx701"],
    [0x24, "gfx702"],
    [0x25, "gfx703"],
    [0x26, "gfx704"],
    [0x28, "gfx801"],
    [0x29, "gfx802"],
    [0x2a, "gfx803"],
    [0x2b, "gfx810"],
    [0x2c, "gfx900"],
    [0x2d, "gfx902"],
    [0x2e, "gfx904"],
    [0x2f, "gfx906"],
    [0x30, "gfx908"],
    [0x31, "gfx909"],
    [0x32, "gfx90c"],
    [0x33, "gfx1010"],
    [0x34, "gfx1011"],
    [0x35, "gfx1012"],
    [0x36, "gfx1030"],
    [0x37, "gfx1031"],
    [0x38, "gfx1032"],
    [0x39, "gfx1033"],
    [0x3a, "gfx602"],
    [0x3b, "gfx705"],
    [0x3c, "gfx805"],
    [0x3d, "gfx1035"],
    [0x3e, "gfx1034"],
    [0x3f, "gfx90a"],
    [0x41, "gfx1100"],
    [0x42, "gfx1013"],
    [0x43, "gfx1150"],
    [0x44, "gfx1103"],
    [0x45, "gfx1036"],
    [0x46, "gfx1101"],
    [0x47, "gfx1102"],
    [0x48, "gfx1200"],
    [0x49, "gfx1250"],
    [0x4a, "gfx1151"],
    [0x4c, "gfx942"],
    [0x4e, "gfx1201"],
    [0x4f, "gfx950"],
    [0x51, "gfx9-generic"],
    [0x52, "gfx10-1-generic"],
    [0x53, "gfx10-3-generic"],
    [0x54, "gfx11-generic"],
    [0x55, "gfx1152"],
    [0x58, "gfx1153"],
    [0x59, "gfx12-generic"],
    [0x5a, "gfx1251"],
    [0x5f, "gfx9-4-generic"],
]);

export type FeatureSetting = "unsupported" | "any" | "off" | "on";

const FEATURE_SETTINGS: readonly FeatureSetting[] = ["unsupported", "any", "off", "on"];

export interface Machine {
    /** A gfx target, such as `gfx1100`; undefined for one that LLVM 22 does not know. */
    readonly target: string | undefined;
    /** Whether the code counts on retried page faults. */
    readonly xnack: FeatureSetting;
    /** Whether the code counts on error-correcting register files and LDS. */
    readonly sramecc: FeatureSetting;
}

/** What `e_flags` of a code object of version 4 or later says. */
export function readMachine(flags: number): Machine {
    return {
        target: MACHINES.get(flags & MACH_MASK),
        xnack: FEATURE_SETTINGS[(flags >>> 8) & 3] as FeatureSetting,
        sramecc: FEATURE_SETTINGS[(flags >>> 10) & 3] as FeatureSetting,
    };
}
