using System.Net;
using KestrelTlsUpgrade.Internal.Negotiation;
using KestrelTlsUpgrade.Internal.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;

namespace KestrelTlsUpgrade.Tests.Negotiation;

public sealed class CallerRulesTests
{
    [Fact]
    public void Create_NoLists_AdmitsEveryoneWithoutLooking() => Assert.Null(CallerRules.Create(new()));

    [Theory]
    [InlineData("Networks=10.0.0.0/8", "10.1.2.3", "", true)]
    [InlineData("Networks=10.0.0.0/8", "11.1.2.3", "", false)]
    [InlineData("Networks=10.0.0.0/8", "::ffff:10.1.2.3", "", true)]
    [InlineData("Networks=10.1.2.3/32", "10.1.2.3", "", true)]
    [InlineData("Networks=10.1.2.3/32", "10.1.2.4", "", false)]
    [InlineData("Networks=2001:db8::/32", "2001:db8::1", "", true)]
    [InlineData("Networks=2001:db8::/32", "10.1.2.3", "", false)]
    [InlineData("Networks:0=10.0.0.0/8 Networks:1=192.168.0.0/16", "192.168.7.7", "", true)]
    [InlineData("Networks=10.0.0.0/8", null, "", false)]
    [InlineData("ExceptNetworks=10.0.0.0/8", null, "", true)]
    [InlineData("ExceptNetworks=10.0.0.0/8", "10.1.2.3", "", false)]
    [InlineData("ExceptNetworks=10.0.0.0/8", "::ffff:10.1.2.3", "", false)]
    [InlineData("ExceptNetworks=10.0.0.0/8", "11.1.2.3", "", true)]
    [InlineData("Networks=10.0.0.0/8 ExceptNetworks=10.1.0.0/16", "10.1.2.3", "", false)]
    [InlineData("Products=CUPS", "10.1.2.3", "CUPS/2.4.2 (Linux) IPP/2.0", true)]
    [InlineData("Products=cups", "10.1.2.3", "CUPS", true)]
    [InlineData("Products=CUPS", "10.1.2.3", "CUPSY/2", false)]
    [InlineData("Products=CUPS", "10.1.2.3", "Apache-HttpClient/5.4 CUPS/2", false)]
    [InlineData("Products=CUPS", "10.1.2.3", "", false)]
    [InlineData("ExceptProducts=Apache-HttpClient", "10.1.2.3", "Apache-HttpClient/5.4.1 (Java/21)", false)]
    [InlineData("ExceptProducts=Apache-HttpClient", "10.1.2.3", "", true)]
    [InlineData("ExceptProducts=Apache-HttpClient Networks=10.0.0.0/8", "10.1.2.3", "CUPS/2.4.2", true)]
    [InlineData("ExceptProducts=Apache-HttpClient Networks=10.0.0.0/8", "11.1.2.3", "CUPS/2.4.2", false)]
    public void Admits_WhoMeetsAllConditions(string settings, string? address, string userAgent, bool isAdmitted)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Split(' ')
            .Select(static setting => setting.Split('=')).ToDictionary(static pair => $"OffersFrom:{pair[0]}", static string? (pair) => pair[1]));
        var callers = new TlsUpgradeCallers();
        var errors = new List<string>();
        CallersSection.Read(configuration.Build().GetSection("OffersFrom"), callers, errors);
        Assert.Empty(errors);
        EndPoint caller = address is null ? new UriEndPoint(new("unix:/x")) : new IPEndPoint(IPAddress.Parse(address), 7);
        Assert.Equal(isAdmitted, CallerRules.Create(callers)!.Admits(caller, userAgent));
    }

    /// <summary>A list of an endpoint takes the place of the host's.</summary>
    [Fact]
    public void Read_Again_ReplacesTheList()
    {
        var callers = new TlsUpgradeCallers { Products = { "CUPS", "curl" }, ExceptProducts = { "wget" } };
        var section = new ConfigurationBuilder().AddInMemoryCollection([new("OffersFrom:Products", "Java")]).Build().GetSection("OffersFrom");
        CallersSection.Read(section, callers, []);
        Assert.Equal(["Java"], callers.Products);
        Assert.Equal(["wget"], callers.ExceptProducts);
    }
}
