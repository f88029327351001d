import SatchelTerminal

await runProgram(SatchelInspect.self)
