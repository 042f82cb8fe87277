using System.CommandLine;
using KestrelTlsUpgrade.Connections.Sections;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>Says what is wrong with a command line.</summary>
internal static class ParseFailure
{
    private const string OptionStart = "Unknown option ";

    public static string Describe(ParseResult result)
    {
        var command = result.CommandResult.Command;
        var unmatched = result.UnmatchedTokens.Where(static token => token is ['-', _, ..]).Select(token => UnknownOption(token, command));
        string[] errors = [.. result.Errors.Select(static error => OneLine(error.Message))];
        string[] options = [.. errors.Where(static error => error.StartsWith(OptionStart, StringComparison.Ordinal)).Concat(unmatched).Distinct()];

        // What an unknown option shifts to another place is not wrong itself.
        return options.Length > 0 ? string.Join(' ', options)
            : string.Join(' ', errors.Distinct()) + Suggest(result.UnmatchedTokens is [var first, ..] ? first : "", command.Subcommands.Select(static one => one.Name));
    }

    public static string UnknownOption(string token, Command command)
    {
        var names = command.Options.SelectMany(static option => (string[])[option.Name, .. option.Aliases]).Append("--help");
        return $"{OptionStart}'{token}'.{Suggest(token.Split('=', ':')[0], names.Where(static name => name.StartsWith("--", StringComparison.Ordinal)))}";
    }

    /// <summary>The known name that is meant, if there is one, as a sentence to append.</summary>
    public static string Suggest(string name, IEnumerable<string> names) =>
        NearestName.Find(name, names) is { } nearest ? $" Did you mean '{nearest}'?" : "";

    /// <summary>The messages of the parser can have several lines.</summary>
    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
