using System.Net.Security;
using System.Security.Authentication;
using KestrelTlsUpgrade.FunctionalTests.Configuration;
using KestrelTlsUpgrade.Report.Internal.Content;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using static KestrelTlsUpgrade.Testing.RawConnectionUpgradeExtensions;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>What the report tells of each caller.</summary>
public sealed class ReportCallersTests
{
    private const string Browser = "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nUpgrade-Insecure-Requests: 1\r\n";

    [Fact]
    public async Task LookingOn_OffersAreCountedAndDeclined_AndRefusalsToComeAreByResource()
    {
        await using var server = await ReportServer.StartAsync(upgrade: static options =>
            (options.Offers, options.Requirement) = (TlsUpgradeOffers.None, TlsUpgradeRequirement.ReportOnly));
        Assert.Equal(200, await AskAsync(server, Request(target: "/x", fields: "User-Agent: Apache-HttpClient/5.4.1\r\n")));
        Assert.Equal(200, await AskAsync(server, Request(target: "/secret", fields: "User-Agent: Apache-HttpClient/5.4.1\r\n")));
        Assert.Equal(200, await AskAsync(server, Get("/secret", "User-Agent: till/2\r\n")));
        Assert.Equal(200, await AskAsync(server, Get("/secret", Browser)));
        Assert.Equal(
            [
                "Apache-HttpClient/5.4.1 plaintext=2 redirected=0 accepted=0 declined[none_accepted=2] /secret refused[] wouldBe[403=1]",
                "Firefox/128 plaintext=1 redirected=0 accepted=0 declined[] /secret refused[] wouldBe[307=1]",
                "till/2 plaintext=1 redirected=0 accepted=0 declined[] /secret refused[] wouldBe[403=1]",
            ],
            Describe(server));
    }

    [Fact]
    public async Task Enforced_RefusalsAreByResource_AndARedirectedBrowserIsNotInClearText()
    {
        await using var server = await ReportServer.StartAsync(upgrade: static options =>
            (options.Offers, options.DirectTls) = (TlsUpgradeOffers.WhereRequired, DirectTlsMode.Any));
        Assert.Equal(200, await AskAsync(server, Request(target: "/x", fields: "User-Agent: Apache-HttpClient/5.4.1\r\n")));
        Assert.Equal(426, await AskAsync(server, Get("/secret", "User-Agent: till/2\r\n")));
        Assert.Equal(307, await AskAsync(server, Get("/secret", Browser)));
        await using (var direct = await server.ConnectAsync())
        {
            await direct.StartTlsAsync();
            await direct.SendAsync(Get("/secret", Browser));
            Assert.Equal(200, (await direct.ReadResponseAsync()).Status);
        }

        Assert.Equal(
            [
                "Apache-HttpClient/5.4.1 plaintext=1 redirected=0 accepted=0 declined[not_required=1]",
                "Firefox/128 plaintext=0 redirected=1 accepted=0 declined[] /secret refused[307=1] wouldBe[]",
                "till/2 plaintext=1 redirected=0 accepted=0 declined[] /secret refused[426=1] wouldBe[]",
            ],
            Describe(server));
        var browser = Assert.Single(ReportServer.Read(server).Callers.All, static caller => caller.Product is "Firefox/128");
        Assert.Equal((1, null), (browser.DirectTls, browser.LastPlaintext));
    }

    [Fact]
    public async Task OnlyOverTls_ShowsAsWell()
    {
        await using var server = await ReportServer.StartAsync(upgrade: static options => options.DirectTls = DirectTlsMode.Any);
        await using (var upgraded = await server.ConnectAsync())
        {
            await upgraded.UpgradeAsync(Request(fields: "User-Agent: upgrades/1\r\n"));
            await upgraded.ReadResponseAsync();
            await upgraded.SendAsync(Get("/x", "User-Agent: upgrades/1\r\n"));
            await upgraded.ReadResponseAsync();
        }

        await using (var direct = await server.ConnectAsync())
        {
            await direct.StartTlsAsync();
            await direct.SendAsync(Get("/x", "User-Agent: direct/1\r\n"));
            await direct.ReadResponseAsync();
        }

        Assert.Equal(
            ["direct/1 0 0 0 1", "upgrades/1 0 1 1 0"],
            ReportServer.Read(server).Callers.All
                .Select(static caller => $"{caller.Product} {caller.Plaintext} {caller.Upgraded} {caller.AfterUpgrade} {caller.DirectTls}").Order());
    }

    [Fact]
    public async Task RefusedAfterThe101_TellsWhyAndWhatToDo()
    {
        await using var server = await ReportServer.StartAsync();
        await using (var connection = await server.ConnectAsync())
        {
            await connection.UpgradeRefusedAsync(Request(fields: "User-Agent: relay/1\r\n"), alpn: SslApplicationProtocol.Http2);
            await connection.ReadToEndAsync();
        }

        var caller = Assert.Single(ReportServer.Read(server).Callers.All);
        var failure = Assert.Single(caller.Failures);
        Assert.Equal(("h2_offered", 1, 1), (failure.Cause, failure.Count, caller.OffersAccepted));
        Assert.All([failure.Explanation, failure.Owner, failure.Client], static text => Assert.EndsWith(".", text));
    }

    /// <summary>Nobody sees at the printer that its queue is refused, and its users wait.</summary>
    [Fact]
    public async Task ShutOutOverTls_IsNamedWithWhatToDo()
    {
        await using var server = await ReportServer.StartAsync();
        for (var i = 0; i < 2; i++)
        {
            await using var cups = await server.ConnectAsync();
            await cups.StartTlsAsync();
            await cups.SendAsync("POST /ipp/print HTTP/1.1\r\nUser-Agent: CUPS/2.4.2 (Linux) IPP/2.0\r\nContent-Length: 4\r\n\r\nUser");
            Assert.Equal(505, (await cups.ReadResponseAsync()).Status);
        }

        // One that leaves without a request, one that marks what is no upgrade, and one that is too old.
        await using (var silent = await server.ConnectAsync())
        {
            await silent.StartTlsAsync();
        }

        await using (var marks = await server.ConnectAsync())
        {
            await Assert.ThrowsAsync<AuthenticationException>(() => marks.StartTlsAsync(alpn: [new(TlsUpgradeProtocol.AlpnProtocolId), SslApplicationProtocol.Http2]));
        }

        await Peers.RunAsync(
            "", "openssl", "s_client", "-connect", $"127.0.0.1:{server.Port}", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0");
        await Settling.UntilAsync(() => Callers().Sum(static caller => caller.DirectTlsShutOut) is 5, () => string.Join("; ", Callers().AsEnumerable()));
        Assert.Equal(
            ["CUPS/2.4.2 127.0.0.0/24 2: direct_http1=2", " 127.0.0.0/24 3: no_shared_version=1 mark_without_upgrade=1 direct_http1=1"],
            Callers().OrderByDescending(static caller => caller.Product).Select(static caller =>
                $"{caller.Product} {caller.Network} {caller.DirectTlsShutOut}: {string.Join(' ', caller.Failures.Select(static row => $"{row.Cause}={row.Count}"))}"));
        var failures = Callers().SelectMany(static caller => caller.Failures).ToArray();
        Assert.All(failures, static row => Assert.DoesNotContain("OffersFrom", row.Owner, StringComparison.Ordinal));
        var old = Assert.Single(failures, static row => row.Cause is "no_shared_version");
        Assert.Equal(("TLS 1.1", "The client offers TLS 1.1 only, and the endpoint has TLS 1.2 and TLS 1.3. Update the client, or set SslProtocols."), (old.Versions, old.Explanation));
        var refused = failures.First(static row => row.Cause is "direct_http1");
        Assert.Contains("a port with UseHttps and a name of its own", refused.Owner, StringComparison.Ordinal);
        Assert.Contains("?encryption=required", refused.Client, StringComparison.Ordinal);

        CallerContent[] Callers() => [.. ReportServer.Read(server).Callers.All];
    }

    /// <summary>What would be answered depends on the settings, so a change of these begins anew.</summary>
    [Fact]
    public async Task SettingsChanged_WhatWouldBeIsOfTheNewOnes()
    {
        ConfigurationManager? configuration = null;
        await using var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", "TlsUpgrade:Requirement=ReportOnly", "TlsUpgrade:Offers=None"],
            static options => options.Https.ServerCertificate = TestCertificates.Server,
            builder =>
            {
                configuration = builder.Configuration;
                builder.Services.AddTlsUpgradeReport();
            },
            static app =>
            {
                app.MapTlsUpgradeReport();
                app.MapGet("/secret", UpgradeServer.DescribeAsync).RequireTlsUpgrade();
            });
        await AskAsync(server, Get("/secret", "User-Agent: till/2\r\n"));
        Assert.Equal(["till/2 plaintext=1 redirected=0 accepted=0 declined[] /secret refused[] wouldBe[403=1]"], Describe(server));
        configuration!["TlsUpgrade:Offers"] = "WhereRequired";
        ((IConfigurationRoot)configuration).Reload();
        await Settling.UntilAsync(() => ReportServer.Read(server) is var report && report.SettingsSince > report.Since, static () => "");
        Assert.Equal(["till/2 plaintext=1 redirected=0 accepted=0 declined[] /secret refused[] wouldBe[]"], Describe(server));
        await AskAsync(server, Get("/secret", "User-Agent: till/2\r\n"));
        Assert.Equal(["till/2 plaintext=2 redirected=0 accepted=0 declined[] /secret refused[] wouldBe[426=1]"], Describe(server));
    }

    /// <summary>What the report says of the next step is what then happens.</summary>
    [Fact]
    public async Task Advice_OfTheNextStep_IsWhatHappens()
    {
        ConfigurationManager? configuration = null;
        await using var server = await ConfiguredServer.StartAsync(
            ["Kestrel:Endpoints:Web:Url=http://127.0.0.1:0", "TlsUpgrade:Requirement=ReportOnly", "TlsUpgrade:Offers=WhereRequired", "TlsUpgrade:DirectTls=Any"],
            static options => options.Https.ServerCertificate = TestCertificates.Server,
            builder =>
            {
                configuration = builder.Configuration;
                builder.Services.AddTlsUpgradeReport();
            },
            static app =>
            {
                app.MapTlsUpgradeReport();
                app.MapGet("/secret", UpgradeServer.DescribeAsync).RequireTlsUpgrade();
            });
        string[] requests = [Get("/secret", "User-Agent: till/2\r\n"), Get("/secret", Browser), Request(target: "/secret", fields: "User-Agent: upgrades/1\r\n")];
        foreach (var request in requests)
        {
            Assert.Equal(200, await AskAsync(server, request));
        }

        var step = ReportServer.Read(server).Advice[0];
        Assert.Equal(("Requirement", "Enforce", false), (step.Setting, step.Value, step.MeetsNobody));
        Assert.Equal(
            ["Firefox/128 Redirected 1 /secret", "till/2 Refused 1 /secret", "upgrades/1 Upgraded 1 /secret"],
            step.Callers.Select(static caller => $"{caller.Product} {caller.Outcome} {caller.Count} {Assert.Single(caller.Resources)}").Order());
        configuration!["TlsUpgrade:Requirement"] = "Enforce";
        ((IConfigurationRoot)configuration).Reload();
        await Settling.UntilAsync(() => ReportServer.Read(server).Endpoints[0].Settings["Requirement"] is "Enforce", static () => "");
        Assert.Equal(426, await AskAsync(server, requests[0]));
        Assert.Equal(307, await AskAsync(server, requests[1]));
        Assert.Equal(101, await AskAsync(server, requests[2]));
        Assert.Equal(["Offers", "app.RequireTlsUpgrade()"], ReportServer.Read(server).Advice.Select(static next => next.Setting));
    }

    private static string Get(string target, string fields) => $"GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n";

    private static async Task<int> AskAsync(UpgradeServer server, string request)
    {
        await using var connection = await server.ConnectAsync();
        await connection.SendAsync(request);
        return (await connection.ReadResponseAsync()).Status;
    }

    private static IEnumerable<string> Describe(UpgradeServer server) => ReportServer.Read(server).Callers.All.Select(static caller =>
        $"{caller.Product} plaintext={caller.Plaintext} redirected={caller.Redirected} accepted={caller.OffersAccepted} declined[{Join(caller.Declined)}]"
        + string.Concat(caller.Resources.Select(static row => $" {row.Resource} refused[{Join(row.Refused)}] wouldBe[{Join(row.WouldBe)}]"))).Order(StringComparer.Ordinal);

    private static string Join(IReadOnlyDictionary<string, long> counts) => string.Join(' ', counts.Select(static pair => $"{pair.Key}={pair.Value}"));
}
