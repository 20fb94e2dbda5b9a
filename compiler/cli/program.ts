// The command line of `soma`: commands, options, help. A command's work is loaded when it is called, so that `soma check`
// starts without the code generator and `soma --help` without anything.

import { Command, Option } from "commander";
import type { Emit } from "../driver.js";
import type { HostLanguageName } from "../hosts/hosts.js";
import { packageVersion } from "../shell/package-root.js";
import { CODE_OBJECT_VERSIONS } from "../targets/targets.js";
import { OPTIMISATION } from "./optimisation.js";

const EMITS: readonly (Emit | HostLanguageName)[] = [
    "layouts",
    "layouts-svg",
    "ir",
    "header",
    "cpp",
    "python",
    "llvm",
    "asm",
    "hsaco",
    "ptx",
];

function optimisationOption(): Option {
    return new Option("-O <level>", "optimisation level").choices(Object.keys(OPTIMISATION));
}

function boundsOption(byDefault: string): Option {
    const what = `whether a kernel stops at an access out of bounds and says where (default: ${byDefault})`;
    return new Option("--bounds <how>", what).choices(["checked", "unchecked"]);
}

function denyOption(): Option {
    return new Option("--deny <what>", "take every warning for an error").choices(["warnings"]);
}

/** For options that may be given several times. */
function collect(value: string, previous: readonly string[] = []): readonly string[] {
    return [...previous, value];
}

function examples(...lines: readonly string[]): string {
    return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}\n`;
}

const EXIT_CODES = `
Exit codes:
  0   fine
  1   a mistake in the input: diagnostics, a missing file, unequal shapes, a fault of the kernel
  2   a mistake in the command line
  70  a bug in soma (SOMA_DEBUG=1 shows where)
`;

const VALUES = `
A VALUE is, by the parameter's type:
  2, -0.5, 1e-3, 0xff, inf, nan     a number; integers are decimal or 0x…
  true, false                       a bool
  [1, 2.5, -3], [[1, 2], [3, 4]]    a vector, or the elements of a view, in brackets for each axis
  zeros(SHAPE)                      all zero
  fill(V, SHAPE)                    all V
  range(N)                          0, 1, 2, … N-1 (a SHAPE counts in row-major order)
  random(SHAPE, SEED)               floats uniform in [0, 1), integers uniform over all values of their type;
                                    Philox4x32-10 with SEED as its key: the same everywhere
  FILE.npy                          a NumPy array of the parameter's element type, in C order; the last axis of an
                                    array of vectors holds their lanes
A SHAPE is 1000, or 16x16 for several dimensions, outermost first. A dimension that no view binds is given by name.
Quote a VALUE that has parentheses or brackets: the shell would take them.
`;

/** The whole command line. A command that ends hands its exit code to `setExitCode`; wrong usage throws a CommanderError. */
export function createProgram(setExitCode: (code: number) => void): Command {
    const program = new Command("soma")
        // Before the commands below, which inherit it.
        .exitOverride()
        .description("Compile kernels for AMD GPUs, and run them on a real or a virtual one.")
        .version(packageVersion(), "-V, --version", "print the version")
        .helpOption("-h, --help", "print this help")
        .helpCommand("help [command]", "print the help of a command")
        .showHelpAfterError("(--help says more)")
        .addHelpText(
            "after",
            examples(
                "soma check saxpy.soma",
                "soma build saxpy.soma --target gfx1100 -o saxpy.hsaco",
                "soma run saxpy.soma --arg a=2 --arg 'x=range(1000)' --arg 'y=fill(1,1000)' --print y",
            ) + EXIT_CODES,
        );

    program
        .command("build")
        .summary("compile a source file to a code object")
        .description(
            "Compile a source file to a code object, to a bundle of them for several targets, or stop at a stage on the " +
                "way there.",
        )
        .argument("<file>", "the source file")
        .requiredOption(
            "--target <name>",
            "what to compile for: gfx1100, gfx11-generic, sm_90, or gfx1100,gfx942 for a bundle",
        )
        .option(
            "-o, --output <file>",
            "where to write; - is standard output (default: FILE with the stage's extension)",
        )
        .addOption(optimisationOption().default("3"))
        .addOption(boundsOption("checked at -O0, else unchecked"))
        .addOption(
            new Option(
                "--emit <stage>",
                "what to write: the layouts of matrix kernels' tiles as text or a picture, Soma's IR, LLVM's IR, assembly, a code object, a C header for HIP programs, or a C++ header or a Python module that holds the code and launches it",
            )
                .choices(EMITS)
                .default(undefined, "the target's code object: hsaco for AMD's, ptx for NVIDIA's"),
        )
        .addOption(denyOption())
        .addOption(
            new Option(
                "--code-object-version <number>",
                "of AMD's code objects (default: 5, of generic targets 6, which have no other)",
            ).choices(CODE_OBJECT_VERSIONS.map(String)),
        )
        .option(
            "--const <name=value>",
            "compile for this value of a constant or constant parameter (repeatable)",
            collect,
        )
        .option("--dim <name=extent>", "compile for this extent of a dimension alone (repeatable)", collect)
        .option("-j, --jobs <number>", "targets to compile at once (default: as many as there are cores)")
        .option(
            "--MD [file]",
            "write what was read, for make and ninja, to FILE or beside the output with .d added; also -MD",
        )
        .option(
            "--source-map [file]",
            "with --emit asm or llvm: write a source map (version 3) of its lines to FILE or beside the output with .map added",
        )
        .option("--report", "print registers, spills, LDS, occupancy and instructions by source line to standard error")
        .option("--report-json <file>", "write this report as JSON, as soma inspect --json prints it")
        .option("--watch", "build again when the source or an import changes, until interrupted")
        .option("--print-after <pass>", "print the IR after a pass to standard error (repeatable)", collect)
        .option("--disable <pass>", "leave out a pass over the IR (repeatable)", collect)
        .option("--time-passes", "print what each pass and stage took to standard error")
        .option("--isolated", "compile in a process of its own, for at most 30 s and 1 GiB of memory")
        .option("--verify", "check the IR after every pass")
        .addHelpText(
            "after",
            examples(
                "soma build saxpy.soma --target gfx1100                  writes saxpy.hsaco",
                "soma build saxpy.soma --target gfx942 -o x.hsaco -O2",
                "soma build saxpy.soma --target sm_90                    writes saxpy.ptx",
                "soma build saxpy.soma --target gfx1100,gfx942 --MD      writes a bundle, and saxpy.hsaco.d",
                "soma build saxpy.soma --target gfx1201 --emit asm -o -  prints assembly",
            ),
        )
        .action(async (file: string, options) => {
            const { build } = await import("./commands/build.js");
            setExitCode(await build(file, options));
        });

    program
        .command("check")
        .summary("report mistakes in source files")
        .description("Check syntax, names and types of source files, and generate nothing.")
        .argument("<file...>", "source files")
        .option("--json", "print the diagnostics of all files as one JSON array on standard output")
        .option(
            "--target <name>",
            "what to check for: conditions on the target ask it, and what it lacks is an error (default: gfx1100)",
        )
        .addOption(denyOption())
        .addHelpText("after", examples("soma check saxpy.soma", "soma check kernels/*.soma --json --deny warnings"))
        .action(async (files: readonly string[], options) => {
            const { check } = await import("./commands/check.js");
            setExitCode(await check(files, options));
        });

    program
        .command("fmt")
        .summary("bring source files into the one style")
        .description("Format source files in place. Comments stay; a file with syntax errors is not touched.")
        .argument("<file...>", "source files; - formats standard input to standard output")
        .option("--check", "write nothing; print the names of files that are not formatted, and exit with 1")
        .addHelpText("after", examples("soma fmt kernels/*.soma", "soma fmt --check saxpy.soma", "soma fmt - < a.soma"))
        .action(async (files: readonly string[], options) => {
            const { fmt } = await import("./commands/fmt.js");
            setExitCode(await fmt(files, options));
        });

    program
        .command("explain")
        .summary("explain a diagnostic")
        .description("Explain a diagnostic by its code, with an example; without a code, list all.")
        .argument("[code]", "such as E0204")
        .addHelpText("after", examples("soma explain E0204", "soma explain"))
        .action(async (code: string | undefined) => {
            const { explain } = await import("./commands/explain.js");
            setExitCode(await explain(code));
        });

    program
        .command("run")
        .summary("run one kernel")
        .description("Run one kernel of a source file or code object with the given arguments.")
        .argument("<file>", "a source file (.soma), or a code object for the device")
        .option("--kernel <name>", "which kernel; may be left out where there is only one")
        .option("--arg <name=VALUE>", "an argument, once for each parameter", collect)
        .option("--print <name>", "print a view after the run (repeatable)", collect)
        .option("--dump <name=file.npy>", "write a view as a NumPy array after the run (repeatable)", collect)
        .option(
            "--device <name>",
            "hip, cuda, vgpu, vgpu:gfx1100, … (default: a real GPU where there is one, else a virtual one)",
        )
        .option("--limit <instructions>", "stop a kernel on the virtual GPU after so many instructions")
        .option(
            "--trace <kernel[:group[:wave]]>",
            "print executed instructions and what they change, on the virtual GPU",
        )
        .option(
            "--break <file:line[:item]>",
            "print a work-item's variables where it comes to a line, on the virtual GPU; compiles with -O0",
        )
        .option("--timeline <file>", "write what ran when, workgroups too, for Perfetto; on the virtual GPU")
        .option("--sanitize", "check every access, wait and barrier, on the virtual GPU")
        .option("--profile", "count what every source line does, on the virtual GPU")
        .option("--profile-json <file>", "write these counts as JSON")
        .addOption(optimisationOption().default(undefined, "3, for a source file; 0 with --break"))
        .addOption(boundsOption("checked, unless -O1 to -O3 is given"))
        .addHelpText(
            "after",
            VALUES +
                examples(
                    "soma run saxpy.soma --arg a=2 --arg 'x=range(1000)' --arg 'y=fill(1,1000)' --print y",
                    "soma run matmul.soma --kernel matmul_tiled --arg 'a=random(64x64,1)' --arg 'b=random(64x64,2)' \\",
                    "    --arg 'c=zeros(64x64)' --dump c=c.npy --device vgpu:gfx1100",
                    "soma run image.hsaco --arg pixels=digits.npy --arg 'bins=zeros(256)' --print bins",
                ),
        )
        .action(async (file: string, options) => {
            const { run } = await import("./commands/run.js");
            setExitCode(await run(file, options));
        });

    program
        .command("tune")
        .summary("find the best constants of a kernel for some arguments")
        .description(
            "Launch a kernel with every combination of the constants that it lets tuning choose, as `const BM: index in [64, 128]`, and write the best to a file for gpu.matrix: by time on hardware, on the virtual GPU by an estimate from its counters.",
        )
        .argument("<file>", "a source file (.soma)")
        .option("--kernel <name>", "which kernel; may be left out where there is only one")
        .option("--arg <name=VALUE>", "an argument, once for each parameter", collect)
        .option("--device <name>", "hip, vgpu:gfx1100, … (default: a real GPU where there is one, else a virtual one)")
        .option(
            "-o, --output <file>",
            "the file of results, to which this one is added (default: FILE with .tune.json)",
        )
        .option(
            "--split <parts,sum>",
            "kernels that share sums out among workgroups and add them up: how many parts is chosen as well",
        )
        .option(
            "--shares <shares,sum>",
            "kernels that give workgroups equal shares of a product and add them up: how many workgroups is chosen as well",
        )
        .addHelpText(
            "after",
            VALUES +
                examples(
                    "soma tune matmul.soma --arg 'a=random(512x512,1)' --arg 'b=random(512x512,2)' --arg 'c=zeros(512x512)'",
                ),
        )
        .action(async (file: string, options) => {
            const { tune } = await import("./commands/tune.js");
            setExitCode(await tune(file, options));
        });

    program
        .command("types")
        .summary("write TypeScript declarations of kernels")
        .description("Write FILE.d.soma.ts beside each source file: the types of its kernels as imported functions.")
        .argument("<file...>", "source files")
        .option("--check", "write nothing, and fail if a declaration file is missing or out of date")
        .addHelpText("after", examples("soma types saxpy.soma", "soma types kernels/*.soma --check"))
        .action(async (files: readonly string[], options) => {
            const { types } = await import("./commands/types.js");
            setExitCode(await types(files, options));
        });

    program
        .command("init")
        .summary("start a project")
        .description(
            "Make a folder with a small TypeScript program, a kernel that it imports, and a build with esbuild.",
        )
        .argument("<folder>", "the folder; it is made, or is empty")
        .addHelpText("after", examples("soma init my-project"))
        .action(async (folder: string) => {
            const { init } = await import("./commands/init.js");
            setExitCode(await init(folder));
        });

    program
        .command("inspect")
        .summary("show what is in a code object")
        .description(
            "Show a code object's kernels: arguments, launch, registers, LDS, spills, occupancy, and instructions by class and " +
                "source line.",
        )
        .argument("<file>", "a code object (.hsaco or .ptx), or a bundle of several")
        .option("--target <gfx>", "of a bundle, only the code object for this target")
        .option("--json", "print it as JSON")
        .addHelpText("after", examples("soma inspect saxpy.hsaco", "soma inspect saxpy.hsaco --json"))
        .action(async (file: string, options) => {
            const { inspect } = await import("./commands/inspect.js");
            setExitCode(await inspect(file, options));
        });

    program
        .command("disasm")
        .summary("print a code object's instructions")
        .description("Print the instructions of a code object, with the source lines they come from as comments.")
        .argument("<file>", "a code object (.hsaco), or a bundle of several")
        .option("--target <gfx>", "of a bundle, only the code object for this target")
        .option("--source", "interleave the lines of the source, as far as its files are there (default)")
        .option("--no-source", "print the instructions alone")
        .addHelpText("after", examples("soma disasm saxpy.hsaco", "soma disasm saxpy.hsaco --no-source | less"))
        .action(async (file: string, options) => {
            const { disasm } = await import("./commands/disasm.js");
            setExitCode(await disasm(file, options));
        });

    program
        .command("devices")
        .summary("list the devices there are")
        .description("List the devices that `soma run --device` and the runtime can open, and why one is unavailable.")
        .addHelpText("after", examples("soma devices"))
        .action(async () => {
            const { devices } = await import("./commands/devices.js");
            setExitCode(await devices());
        });

    return program;
}
