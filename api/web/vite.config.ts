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

// Fixed names: the pages name `main.js` and `main.css` themselves and add the version as a query.
export default defineConfig({
  base: "./",
  plugins: [leafletForFiles],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    chunkSizeWarningLimit: 800,
    rolldownOptions: {
      input: "src/main.ts",
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "chunks/[name]-[hash].js",
        assetFileNames: (asset) => (asset.names.some((name) => name.endsWith(".css")) ? "main.css" : "assets/[name]-[hash][extname]"),
      },
    },
  },
});
