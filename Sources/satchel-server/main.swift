import SatchelTerminal

await runProgram(ServerCommand.self, leading: ["--data"])
