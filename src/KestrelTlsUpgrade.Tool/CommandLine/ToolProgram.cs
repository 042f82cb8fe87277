using System.CommandLine;
using KestrelTlsUpgrade.Tool.Reporting;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>Runs the program from its arguments to its exit code.</summary>
internal static class ToolProgram
{
    /// <summary>Messages can quote what a server has sent.</summary>
    private const int MaxMessageLength = 1000;

    public static async Task<int> RunAsync(string[] arguments, ToolConsole console)
    {
        var root = new RootCommand("Asks servers for the TLS upgrade within HTTP/1.1 (RFC 2817).")
        {
            ProbeCommand.Create(console),
            RequestCommand.Create("get", "Gets a resource over an upgraded connection. With --data it is a POST.", HttpMethod.Get, console),
            RequestCommand.Create("head", "Gets the head of a response over an upgraded connection.", HttpMethod.Head, console),
            RequestCommand.Create("options", "Asks for the options of a resource, or of the server, over an upgraded connection.", HttpMethod.Options, console),
            AdviseCommand.Create(console),
            CompletionCommand.Create(console),
        };
        HelpSections.AddTo(root);

        // An argument that starts with @ names a file of content, not a response file.
        var result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Errors.Count > 0)
        {
            return Fail(console, ExitCode.Usage, $"{ParseFailure.Describe(result)} (see {NameOf(result.CommandResult.Command)} --help)");
        }

        try
        {
            return await result.InvokeAsync(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false,
                Output = console.Out,
                Error = console.Error,
            });
        }
        catch (ToolException exception)
        {
            return Fail(console, exception.ExitCode, exception.Message);
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Cancelled;
        }
        catch (Exception exception)
        {
            return Fail(console, ExitCode.Defect, $"a defect of this program: {exception.GetType().Name}: {exception.Message}");
        }
    }

    private static string NameOf(Command command) =>
        command is RootCommand ? "tls-upgrade" : $"tls-upgrade {command.Name}";

    private static int Fail(ToolConsole console, int exitCode, string message)
    {
        console.Error.WriteLine($"tls-upgrade: {PrintableText.Of(PrintableText.Cut(message.ReplaceLineEndings(" "), MaxMessageLength))}");
        return exitCode;
    }
}
