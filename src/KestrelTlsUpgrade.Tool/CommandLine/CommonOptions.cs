using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>Options shared by several commands.</summary>
internal static class CommonOptions
{
    private const double MaxSeconds = 24 * 60 * 60;

    public static Argument<string> Url(string description)
    {
        var argument = new Argument<string>("url") { Description = description };
        argument.Validators.Add(static result =>
        {
            // An unknown option would otherwise be taken for the URL.
            if (result.Tokens is [{ Value: ['-', ..] } token])
            {
                result.AddError(ParseFailure.UnknownOption(token.Value, ((CommandResult)result.Parent!).Command));
            }
        });
        return argument;
    }

    public static Option<double> Timeout(double seconds, string description)
    {
        var option = new Option<double>("--timeout")
        {
            Description = $"{description} In seconds.",
            HelpName = "seconds",
            DefaultValueFactory = _ => seconds,

            // The command line does not depend on the terminal's culture.
            CustomParser = result =>
            {
                if (double.TryParse(result.Tokens[^1].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
                    && value is > 0 and <= MaxSeconds)
                {
                    return value;
                }

                result.AddError($"'{result.Tokens[^1].Value}' is no timeout: a number of seconds, more than 0 and at most {MaxSeconds}");
                return seconds;
            },
        };
        return option;
    }

    public static Option<bool> Insecure(string description) => new("--insecure", "-k") { Description = description };

    public static Option<string?> CaCertificate() => new("--cacert")
    {
        Description = "Trust the certificates of this PEM file instead of the platform's.",
        HelpName = "file",
    };
}
