/** pdf.js reads files here, away from the page. */

import "pdfjs-dist/build/pdf.worker.mjs";
