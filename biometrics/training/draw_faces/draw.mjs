// Draw vector faces of nobody: node draw.mjs OUTDIR COUNT SEED
// Writes face_00000.png ... (800 x 1200, transparent ground), one face a file. The same arguments give the same files.
import fs from "node:fs";
import path from "node:path";
import { Resvg } from "@resvg/resvg-js";
import { faceToSvgString, generate } from "facesjs";

const [folder, count, seed] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];

// facesjs asks Math.random; a seeded generator (mulberry32) makes the drawing repeatable
function seededRandom(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const SKINS = ["#f2d6cb", "#ddb7a0", "#fedac7", "#f0c5a3", "#eab687", "#d9a066", "#bb876f", "#aa816f", "#8d5a3c", "#74453d",
  "#5c3937", "#4a2c25"];
const HAIRS = ["#272421", "#3d2314", "#5a3825", "#cc9966", "#2c1608", "#b55239", "#e9c67b", "#d7bf91", "#8c8c8c", "#d8d8d8",
  "#7a2b12", "#0f0902"];
const CLOTHES = ["#89bfd3", "#7a1319", "#07364f", "#3f5b3a", "#c9b037", "#5b3a6b", "#d9d9d9", "#303030"];

fs.mkdirSync(folder, { recursive: true });
for (let index = 0; index < count; index += 1) {
  Math.random = seededRandom(seed * 1000003 + index);
  const choose = (list) => list[Math.floor(Math.random() * list.length)];
  const gender = Math.random() < 0.5 ? "female" : "male";
  const face = generate(
    { accessories: { id: "none" }, teamColors: [choose(CLOTHES), choose(CLOTHES), choose(CLOTHES)] },
    { gender, race: choose(["white", "asian", "brown", "black"]) },
  );
  face.body.color = choose(SKINS);
  face.hair.color = choose(HAIRS);
  face.nose.size = 0.5 + Math.random();
  face.ear.size = 0.5 + Math.random();
  const svg = faceToSvgString(face);
  const picture = new Resvg(svg, { fitTo: { mode: "width", value: 800 } }).render();
  fs.writeFileSync(path.join(folder, `face_${String(index).padStart(5, "0")}.png`), picture.asPng());
}
