// Everything here improves a link or a form that works without it. The attributes that switch it on are described in each file.
import { address } from "./address";
import { characters } from "./characters";
import { copy } from "./copy";
import { live } from "./live";
import { picture } from "./picture";
import { poll } from "./poll";
import { print } from "./print";
import { stale } from "./stale";
import { tables } from "./tables";

document.querySelector<HTMLElement>("[data-focus]")?.focus();
for (const start of [address, characters, copy, live, picture, poll, print, stale, tables]) start();
