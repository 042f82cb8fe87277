using System.CommandLine;
using KestrelTlsUpgrade.Tool.Probing;
using KestrelTlsUpgrade.Tool.Reporting;
using KestrelTlsUpgrade.Tool.Requests;
using KestrelTlsUpgrade.Tool.Verdicts;
using Spectre.Console;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary><c>tls-upgrade probe</c>.</summary>
internal static class ProbeCommand
{
    private const double DefaultSeconds = 5;

    public static Command Create(ToolConsole console)
    {
        var url = CommonOptions.Url("The http:// URL to ask for.");
        var timeout = CommonOptions.Timeout(DefaultSeconds, "What each attempt may take.");
        var insecure = CommonOptions.Insecure("Do not hold the certificate's trust and names against the server.");
        var caCertificate = CommonOptions.CaCertificate();
        var json = new Option<bool>("--json") { Description = "Write JSON, for scripts." };
        var command = new Command(
            "probe", "Tells step by step how a server upgrades to TLS and whether that is safe. Sends GET, HEAD and OPTIONS only.")
        {
            url, timeout, insecure, caCertificate, json,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var text = result.GetValue(url)!;
            var target = ProbeTarget.TryCreate(UrlText.WithScheme(text))
                ?? throw new ToolException(ExitCode.Usage, $"'{text}' is not an http:// URL; an upgrade begins in clear text");
            var settings = new ProbeSettings(
                TimeSpan.FromSeconds(result.GetValue(timeout)),
                result.GetValue(caCertificate) is { } file ? CertificateFiles.LoadRoots(file) : null,
                TimeProvider.System);
            var report = await RunAsync(new ProbeSession(target, settings), console, cancellationToken);
            var verdict = ProbeJudge.Judge(report, result.GetValue(insecure));
            if (result.GetValue(json))
            {
                await console.Out.WriteLineAsync(JsonReport.Create(report, verdict).ToString());
            }
            else
            {
                TerminalReport.Write(ToolConsole.CreateAnsi(console.Out), report, verdict);
            }

            return verdict.ExitCode;
        });
        return command;
    }

    /// <summary>Shows progress on a terminal.</summary>
    private static Task<ProbeReport> RunAsync(ProbeSession session, ToolConsole console, CancellationToken cancellationToken)
    {
        var ansi = ToolConsole.CreateAnsi(console.Error);
        return ansi.Profile is { Out.IsTerminal: true, Capabilities.Interactive: true }
            ? ansi.Status().StartAsync(
                "probing", status => new ProbeRunner(session, text => status.Status = Markup.Escape(text)).RunAsync(cancellationToken))
            : new ProbeRunner(session, static _ => { }).RunAsync(cancellationToken);
    }
}
