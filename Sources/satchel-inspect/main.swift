import SatchelTerminal

await runProgram(SatchelInspect.self, leading: ["--home", "--data", "--server", "--as"])
