using IppPrinter.Ipp;
using KestrelTlsUpgrade;

namespace IppPrinter;

/// <summary>The URIs of the printer, as the client of a request knows it.</summary>
internal sealed class PrinterAddress(HttpContext context)
{
    public const string Path = "/ipp/print";

    /// <summary>A name in DNS and a port.</summary>
    private const int MaxHostLength = 260;

    /// <summary>
    /// Over TLS from the first octet it is <c>ipps</c> (RFC 7472). An upgraded connection belongs to <c>ipp</c>, as one in clear text does.
    /// </summary>
    private readonly string _scheme =
        context.Request.IsHttps && context.Features.Get<ITlsUpgradeFeature>() is null or { State: TlsUpgradeState.DirectTls } ? "ipps" : "ipp";

    private readonly string _host = context.Request.Host.Value is { Length: <= MaxHostLength } host
        ? host
        : throw new IppException(IppStatus.BadRequest, "The Host is too long.");

    /// <summary>Whether the printer's URI stands for TLS from the first octet.</summary>
    public bool IsTlsOnly => _scheme == "ipps";

    public string Printer => $"{_scheme}://{_host}{Path}";

    /// <summary>The page, or what belongs to it.</summary>
    public string PageOf(string path) => $"{(IsTlsOnly ? "https" : "http")}://{_host}/{path}";

    public string JobOf(int id) => $"{Printer}/{id}";
}
