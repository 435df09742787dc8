// @ts-expect-error Node has its types in a package of its own, which one call is not worth.
import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

// `geocommons map` writes Leaflet into the files that it makes, so that they open without internet.
const leafletForFiles: Plugin = {
  name: "leaflet-for-files",
  generateBundle() {
    for (const name of ["leaflet.js", "leaflet.css"])
      this.emitFile({ type: "asset", fileName: `leaflet/${name}`, source: readFileSync(`node_modules/leaflet/dist/${name}`) });
  },
};

// The page of the design shows light and dark side by side; both are said once, in the tokens.
const bothSchemes: Plugin = {
  name: "both-schemes",
  generateBundle() {
    const [, light, dark] = readFileSync("src/style/tokens.css", "utf8").split(/:root \{/);
    const block = (scheme: string, tokens: string) => `.scheme-${scheme} {\n  color-scheme: ${scheme};${tokens.slice(0, tokens.indexOf("}")).replace(/color-scheme:[^;]*;/, "")}}\n`;
    this.emitFile({ type: "asset", fileName: "schemes.css", source: block("light", light) + block("dark", dark) });
  },
};

// Fixed names: the pages name `main.js` and `main.css` themselves and add the version as a query.
export default defineConfig({
  base: "./",
  plugins: [leafletForFiles, bothSchemes],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: { main: "src/main.ts", worker: "src/worker.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith(".css")) ? "main.css" : "assets/[name]-[hash][extname]"),
      },
    },
  },
});
