using System.CommandLine;
using KestrelTlsUpgrade.Client;
using KestrelTlsUpgrade.Tool.Requests;

namespace KestrelTlsUpgrade.Tool.CommandLine;

/// <summary>The options of every command that sends a request: its fields, the way to the server, and whom to trust.</summary>
internal sealed class ExchangeOptions
{
    private const double DefaultSeconds = 30;

    private static readonly string[] Modes = ["required", "preferred", "on-demand"];

    private readonly Option<string[]> _headers = new("--header", "-H") { Description = "A field of the request, as 'Name: value'; 'Name;' sends an empty one, 'Name:' none. Can be repeated.", HelpName = "field" };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Show the exchange, in clear text and inside TLS." };
    private readonly Option<string> _mode;
    private readonly Option<bool> _insecure = CommonOptions.Insecure("Accept any certificate of the server.");
    private readonly Option<string?> _caCertificate = CommonOptions.CaCertificate();
    private readonly Option<string?> _certificate = new("--cert") { Description = "The client certificate: PEM, or PKCS #12.", HelpName = "file" };
    private readonly Option<string?> _key = new("--key") { Description = "Its key, where a PEM file does not have it.", HelpName = "file" };
    private readonly Option<string?> _password = new("--password") { Description = "The password of the key.", HelpName = "password" };
    private readonly Option<string?> _proxy = new("--proxy", "-x") { Description = "The proxy to go through, in place of the environment's (http_proxy, all_proxy, no_proxy).", HelpName = "url" };
    private readonly Option<bool> _noProxy = new("--no-proxy") { Description = "Go through no proxy." };
    private readonly Option<double> _timeout = CommonOptions.Timeout(DefaultSeconds, "What all of it may take.");

    /// <param name="isUpgradeOptional">Whether a request without fields of its own, which can hold credentials, may be sent in clear text.</param>
    public ExchangeOptions(bool isUpgradeOptional = false)
    {
        _mode = new("--mode")
        {
            Description = isUpgradeOptional ? "When to upgrade: required with --header, which can have credentials." : "When to upgrade.",
            DefaultValueFactory = result => isUpgradeOptional && result.GetResult(_headers) is null or { Implicit: true } ? "preferred" : "required",
        };
        _mode.AcceptOnlyFromAmong(Modes);
        _mode.Validators.Clear();
        _mode.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var value }] && !Modes.Contains(value))
            {
                result.AddError($"'{value}' is no mode: required, preferred or on-demand.{ParseFailure.Suggest(value, Modes)}");
            }
        });
    }

    public void AddTo(Command command, params IEnumerable<Option> own)
    {
        foreach (var option in (Option[])
            [_headers, .. own, _verbose, _mode, _insecure, _caCertificate, _certificate, _key, _password, _proxy, _noProxy, _timeout])
        {
            command.Add(option);
        }
    }

    /// <summary>The settings of a request, without those that only some commands have.</summary>
    public RequestSettings Read(ParseResult result, string url, HttpMethod method) => new(RequestUrl.Parse(UrlText.WithScheme(url)))
    {
        Method = method,
        Fields = [.. (result.GetValue(_headers) ?? []).Select(RequestField.Parse)],
        IsVerbose = result.GetValue(_verbose),
        Mode = result.GetValue(_mode) switch
        {
            "preferred" => TlsUpgradeMode.Preferred,
            "on-demand" => TlsUpgradeMode.OnDemand,
            _ => TlsUpgradeMode.Required,
        },
        IsInsecure = result.GetValue(_insecure),
        RootsFile = result.GetValue(_caCertificate),
        CertificateFile = result.GetValue(_certificate),
        KeyFile = result.GetValue(_key),
        KeyPassword = result.GetValue(_password),
        Proxy = result.GetValue(_proxy),
        UsesProxy = !result.GetValue(_noProxy),
        Timeout = TimeSpan.FromSeconds(result.GetValue(_timeout)),
    };
}
