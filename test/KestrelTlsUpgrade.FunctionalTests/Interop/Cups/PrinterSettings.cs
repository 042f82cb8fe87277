namespace KestrelTlsUpgrade.FunctionalTests.Interop.Cups;

/// <summary>The settings of an endpoint of the printer, with an address of their own.</summary>
/// <param name="Words">What they are called in <c>Printing.md</c>.</param>
/// <param name="Address">Where the endpoint listens. The first two are there anyway: without settings, and with https alone.</param>
/// <param name="Values">The values of its section, as <c>Name=value</c>.</param>
internal sealed record PrinterSettings(string Words, string Address, params string[] Values)
{
    public static readonly PrinterSettings None = new("none", "127.0.0.1");
    public static readonly PrinterSettings Https = new("a port of its own: `https://`", "127.0.0.2");
    public static readonly PrinterSettings AnyAware = new("`DirectTls = Any`, `AcceptedClients = AwareOnly`", "127.0.0.3", "DirectTls=Any", "AcceptedClients=AwareOnly");
    public static readonly PrinterSettings Any = new("`DirectTls = Any`, with its warning", "127.0.0.4", "DirectTls=Any");
    public static readonly PrinterSettings Aware = new("`AcceptedClients = AwareOnly`", "127.0.0.5", "AcceptedClients=AwareOnly");
    public static readonly PrinterSettings NoOffers = new("`Offers = None`", "127.0.0.6", "Offers=None");
    public static readonly PrinterSettings WhereRequired = new("`Offers = WhereRequired`", "127.0.0.7", "Offers=WhereRequired");
    public static readonly PrinterSettings ReportOnly = new("`Requirement = ReportOnly`", "127.0.0.8", "Requirement=ReportOnly");

    /// <summary>Those that the sample needs arguments for.</summary>
    public static IReadOnlyList<PrinterSettings> Added { get; } = [AnyAware, Any, Aware, NoOffers, WhereRequired, ReportOnly];

    /// <summary>Whether the printer answers over TLS only.</summary>
    public bool RequiresTls { get; init; }

    /// <summary>The settings of a printer that answers over TLS only.</summary>
    public PrinterSettings Requiring => this with
    {
        RequiresTls = true,
        Words = this == None ? "requires TLS" : $"requires TLS, {Words}",
    };

    public IEnumerable<string> ToConfiguration()
    {
        var section = $"Kestrel:Endpoints:{Address.Replace('.', '-')}";
        return [$"{section}:Url=http://{Address}:0", .. Values.Select(value => $"{section}:TlsUpgrade:{value}")];
    }
}
