using System.CommandLine;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary><c>tls-upgrade get</c>, <c>head</c> and <c>options</c>.</summary>
internal static class RequestCommand
{
    private const double DefaultSeconds = 30;

    private static readonly string[] Modes = ["required", "preferred", "on-demand"];

    public static Command Create(string name, string description, HttpMethod method, ToolConsole console)
    {
        var url = CommonOptions.Url("The URL to ask for; http:// is upgraded, https:// needs no upgrade.");
        var headers = new Option<string[]>("--header", "-H") { Description = "A field of the request, as 'Name: value'; 'Name;' sends an empty one, 'Name:' none. Can be repeated.", HelpName = "field" };
        var data = new Option<string[]>("--data", "-d")
        {
            Description = "Content of the request; @file is that file byte for byte, @- standard input. Several are joined by &.",
            HelpName = "data",
        };
        var request = new Option<string?>("--request", "-X") { Description = "Another method, in place of GET or POST.", HelpName = "method" };
        var asterisk = new Option<bool>("--asterisk") { Description = "Ask for the options of the server: OPTIONS *." };
        var output = new Option<string?>("--output", "-o") { Description = "Write the content to this file.", HelpName = "file" };
        var include = new Option<bool>("--include", "-i") { Description = "Write the head of the response too." };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show the exchange, in clear text and inside TLS." };
        var fail = new Option<bool>("--fail", "-f") { Description = $"End with {ExitCode.HttpError} and no content for a status of 400 or more." };
        var mode = new Option<string>("--mode") { Description = "When to upgrade.", DefaultValueFactory = _ => "required" };
        mode.AcceptOnlyFromAmong(Modes);
        mode.Validators.Clear();
        mode.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var value }] && !Modes.Contains(value))
            {
                result.AddError($"'{value}' is no mode: required, preferred or on-demand.{ParseFailure.Suggest(value, Modes)}");
            }
        });
        var insecure = CommonOptions.Insecure("Accept any certificate of the server.");
        var caCertificate = CommonOptions.CaCertificate();
        var certificate = new Option<string?>("--cert") { Description = "The client certificate: PEM, or PKCS #12.", HelpName = "file" };
        var key = new Option<string?>("--key") { Description = "Its key, where a PEM file does not have it.", HelpName = "file" };
        var password = new Option<string?>("--password") { Description = "The password of the key.", HelpName = "password" };
        var proxy = new Option<string?>("--proxy", "-x") { Description = "The proxy to go through, in place of the environment's (http_proxy, all_proxy, no_proxy).", HelpName = "url" };
        var noProxy = new Option<bool>("--no-proxy") { Description = "Go through no proxy." };
        var timeout = CommonOptions.Timeout(DefaultSeconds, "What all of it may take.");

        var command = new Command(name, description) { url, headers };
        if (method != HttpMethod.Head)
        {
            command.Add(data);
        }

        if (method == HttpMethod.Get)
        {
            command.Add(request);
        }

        if (method == HttpMethod.Options)
        {
            command.Add(asterisk);
        }

        foreach (var option in new Option[]
            { output, include, verbose, fail, mode, insecure, caCertificate, certificate, key, password, proxy, noProxy, timeout })
        {
            command.Add(option);
        }

        command.SetAction((result, cancellationToken) =>
        {
            string[] contents = method == HttpMethod.Head ? [] : result.GetValue(data) ?? [];
            var settings = new RequestSettings(RequestUrl.Parse(UrlText.WithScheme(result.GetValue(url)!)))
            {
                Method = method == HttpMethod.Get ? RequestMethod.Of(result.GetValue(request), contents.Length > 0) : method,
                IsServerWide = method == HttpMethod.Options && result.GetValue(asterisk),
                Fields = [.. (result.GetValue(headers) ?? []).Select(RequestField.Parse)],
                Contents = contents,
                OutputFile = result.GetValue(output),
                IncludesHead = method != HttpMethod.Get || result.GetValue(include),
                IsVerbose = result.GetValue(verbose),
                FailsOnStatus = result.GetValue(fail),
                Mode = result.GetValue(mode) switch
                {
                    "preferred" => TlsUpgradeMode.Preferred,
                    "on-demand" => TlsUpgradeMode.OnDemand,
                    _ => TlsUpgradeMode.Required,
                },
                IsInsecure = result.GetValue(insecure),
                RootsFile = result.GetValue(caCertificate),
                CertificateFile = result.GetValue(certificate),
                KeyFile = result.GetValue(key),
                KeyPassword = result.GetValue(password),
                Proxy = result.GetValue(proxy),
                UsesProxy = !result.GetValue(noProxy),
                Timeout = TimeSpan.FromSeconds(result.GetValue(timeout)),
            };
            return new RequestRunner(settings, console, TimeProvider.System).RunAsync(cancellationToken);
        });
        return command;
    }
}
