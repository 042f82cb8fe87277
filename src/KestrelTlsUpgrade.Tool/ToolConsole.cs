using System.Text;
using KestrelTlsUpgrade.Tool.Streams;
using Spectre.Console;

namespace KestrelTlsUpgrade.Tool;

/// <summary>The program's input and output.</summary>
/// <param name="Out">For results.</param>
/// <param name="Error">For errors and traces.</param>
/// <param name="Output">For content, byte for byte; the same place as <paramref name="Out"/>.</param>
/// <param name="Input">For <c>--data @-</c>.</param>
internal sealed record ToolConsole(TextWriter Out, TextWriter Error, Stream Output, Stream Input)
{
    /// <summary>Do not wrap lines at the width of a terminal if the output is not a terminal.</summary>
    private const int UnboundedWidth = 1000;

    public static ToolConsole System()
    {
        var output = new StandardOutput(Console.OpenStandardOutput());
        return new ToolConsole(
            Console.IsOutputRedirected ? CreateWriter(output) : Console.Out,
            Console.IsErrorRedirected ? CreateWriter(new StandardError(Console.OpenStandardError())) : Console.Error,
            output,
            Console.OpenStandardInput());
    }

    private static StreamWriter CreateWriter(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };

    /// <summary>Uses colours if the terminal supports them and <c>NO_COLOR</c> is not set.</summary>
    public static IAnsiConsole CreateAnsi(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        if (output.IsTerminal)
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = output });
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(new TrimmingWriter(writer)),
        });
        console.Profile.Width = UnboundedWidth;
        return console;
    }
}
