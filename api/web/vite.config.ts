import { defineConfig } from "vite";

// Fixed names: the pages name `main.js` and `main.css` themselves and add the version as a query.
export default defineConfig({
  base: "./",
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
