import SatchelTerminal

await runProgram(ServerCommand.self)
