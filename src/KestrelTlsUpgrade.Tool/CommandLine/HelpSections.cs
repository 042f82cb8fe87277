using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>What <c>--help</c> says behind the options of a command: exit codes and examples.</summary>
internal static class HelpSections
{
    private static readonly (int Code, string? Probe, string? Requests, string? Advise)[] ExitCodes =
    [
        (ExitCode.Ok, "upgrades, nothing to be put right", "a response was received, whatever its status", "the step breaks no caller, or has been taken"),
        (ExitCode.NotUpgraded, "does not upgrade", "the server refuses the upgrade; nothing else was sent", "no report with advice, or none on the step; or the server refuses the upgrade"),
        (ExitCode.Findings, "upgrades, with findings", null, "the step breaks callers"),
        (ExitCode.Unreachable, "no connection, or the server does not speak HTTP", "no connection, or the proxy opens none", "no connection, or the proxy opens none"),
        (ExitCode.TlsFailed, null, "TLS failed, or the certificate was rejected", "TLS failed, or the certificate was rejected"),
        (ExitCode.ExchangeFailed, null, "no complete response: late, cut, or not HTTP", "no complete response: late, cut, or not HTTP"),
        (ExitCode.FileFailed, "a file cannot be read, or the output not written", "a file cannot be read, or a file or the output not written", "a file cannot be read, or the output not written"),
        (ExitCode.HttpError, null, "--fail, and a status of 400 or more", null),
        (ExitCode.Usage, "the command line is invalid", "the command line is invalid", "the command line is invalid"),
        (ExitCode.Defect, "a defect of this program", "a defect of this program", "a defect of this program"),
        (ExitCode.Cancelled, "ended by the user", "ended by the user", "ended by the user"),
    ];

    private static readonly Dictionary<string, string[]> Examples = new()
    {
        ["tls-upgrade"] = ["tls-upgrade probe http://printer.local:631/", "tls-upgrade get http://localhost:8080/secret"],
        ["probe"] = ["tls-upgrade probe http://printer.local:631/", "tls-upgrade probe --json --cacert root.pem http://localhost:8080/"],
        ["get"] =
        [
            "tls-upgrade get http://localhost:8080/secret",
            "tls-upgrade get -d @order.json -H 'Content-Type: application/json' http://localhost:8080/orders",
            "tls-upgrade get -v --mode on-demand -x http://proxy.local:3128 http://localhost:8080/",
        ],
        ["head"] = ["tls-upgrade head http://localhost:8080/secret"],
        ["options"] = ["tls-upgrade options --asterisk http://printer.local:631/"],
        ["advise"] = ["tls-upgrade advise http://localhost:8080/tls", "tls-upgrade advise --step Requirement=Enforce --json -H 'Authorization: Bearer ...' https://localhost:8080/tls"],
        ["completion"] = ["source <(tls-upgrade completion bash)", "tls-upgrade completion fish > ~/.config/fish/completions/tls-upgrade.fish"],
    };

    public static void AddTo(RootCommand root)
    {
        // The help of the root is the help of every command.
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Action((HelpAction)help.Action!);
    }

    private static IEnumerable<string> LinesFor(Command command)
    {
        var codes = ExitCodes
            .Select(row => (row.Code, Text: command switch
            {
                RootCommand or { Name: "completion" } => null,
                { Name: "probe" } => row.Probe,
                { Name: "advise" } => row.Advise,
                _ => row.Requests,
            }))
            .Where(static row => row.Text is not null);
        string[] lines = [.. codes.Select(static row => string.Create(CultureInfo.InvariantCulture, $"  {row.Code,-4} {row.Text}"))];
        return
        [
            .. lines.Length > 0 ? ["Exit codes:", .. lines, ""] : lines,
            "Examples:",
            .. Examples[command is RootCommand ? "tls-upgrade" : command.Name].Select(static example => $"  {example}"),
        ];
    }

    private sealed class Action(HelpAction inner) : SynchronousCommandLineAction
    {
        public override bool Terminating => inner.Terminating;

        public override bool ClearsParseErrors => inner.ClearsParseErrors;

        public override int Invoke(ParseResult parseResult)
        {
            var exitCode = inner.Invoke(parseResult);
            foreach (var line in LinesFor(parseResult.CommandResult.Command))
            {
                parseResult.InvocationConfiguration.Output.WriteLine(line);
            }

            return exitCode;
        }
    }
}
