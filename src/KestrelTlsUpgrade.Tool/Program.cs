using KestrelTlsUpgrade.Tool;
using KestrelTlsUpgrade.Tool.CommandLine;

return await ToolProgram.RunAsync(args, ToolConsole.System());
