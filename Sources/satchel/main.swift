import SatchelTerminal

await runProgram(Satchel.self)
