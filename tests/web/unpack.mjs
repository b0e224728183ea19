// Unpacks the Chromium of the npm package, with its libraries and fonts, into the folder for temporary files. The
// package does it when it believes that it runs in Lambda, where it is at home.
process.env.AWS_EXECUTION_ENV = "AWS_Lambda_nodejs24.x";
const { default: chromium } = await import("@sparticuz/chromium");
await chromium.executablePath();
