// `soma explain`: a diagnostic's code at length, or the list of all.

import { CATALOGUE } from "../../diagnostics/catalogue/index.js";
import { nearest } from "../../diagnostics/suggestions.js";
import { loadModule } from "../../shell/modules.js";
import { EXIT, UserError } from "../errors.js";
import { entriesByCode, explainEntry } from "../reference.js";
import { formatTable, outHasColor, writeOut } from "../terminal.js";

/** @throws UserError where there is no such code */
export async function explain(code: string | undefined): Promise<number> {
    if (code === undefined) {
        await writeOut(`${formatTable(entriesByCode().map((entry) => [entry.code, entry.title]))}\n`);
        return EXIT.ok;
    }
    const entry = CATALOGUE.get(code.toUpperCase());
    if (entry === undefined) {
        const similar = nearest(code.toUpperCase(), CATALOGUE.keys());
        const meant = similar === undefined ? "" : `did you mean ${similar}? `;
        throw new UserError(`there is no diagnostic ${code}`, `${meant}\`soma explain\` lists all`);
    }
    await writeOut(explainEntry(entry, loadModule, { color: outHasColor() }));
    return EXIT.ok;
}
