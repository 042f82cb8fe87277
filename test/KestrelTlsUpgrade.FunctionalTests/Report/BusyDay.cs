using System.Net;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace KestrelTlsUpgrade.FunctionalTests.Report;

/// <summary>A day on which a service moves from clear text to TLS, told to a collector as if it had been.</summary>
internal static class BusyDay
{
    private const int Minutes = 24 * 60;

    private static readonly (string UserAgent, string Address, bool OffersUpgrade, int Share)[] Callers =
    [
        ("LegacyTill/2.1 (terminal)", "192.0.2.17", false, 40),
        ("okhttp/3.12.1", "198.51.100.4", false, 16),
        ("CUPS/2.4.2 (Linux; x86_64) IPP/2.0", "2001:db8:20::5", true, 12),
        ("curl/7.88.1", "192.0.2.200", false, 9),
        ("Python-urllib/3.9", "198.51.100.77", false, 6),
        ("", "198.18.0.9", false, 2),
        ("<script>alert(1)</script>", "203.0.113.66", false, 1),
        ("Zebra\"onmouseover=\"alert(1)/" + new string('z', 300), "203.0.113.66", false, 1),
    ];

    public static void Report(ReportCollector collector, ShiftedClock clock)
    {
        var start = clock.GetUtcNow().AddMinutes(-Minutes);
        collector.Restore(start);
        collector.Rules.Start(collector.Rules.Settings, start);
        collector.Certificates.Start(collector.Certificates.Settings, start);
        for (var minute = 0; minute < Minutes; minute++)
        {
            clock.Offset = TimeSpan.FromMinutes(minute - Minutes + 1);
            var hour = clock.GetUtcNow().Hour + (clock.GetUtcNow().Minute / 60.0);
            var load = 6 + (int)(5 * Math.Sin((hour - 8) / 24 * 2 * Math.PI)) + (minute * 7 % 5);
            var moved = (double)minute / Minutes;
            foreach (var (userAgent, address, offersUpgrade, share) in Callers)
            {
                var isMoved = offersUpgrade && minute > Minutes / 3;
                for (var i = 0; i < (load * share / 30) + (minute % 60 == 7 ? 1 : 0); i++)
                {
                    collector.RequestReceived(
                        CreateRequest(userAgent, address, offersUpgrade),
                        isMoved ? TlsUpgradeState.Upgraded : TlsUpgradeState.Plaintext,
                        isMoved);
                }
            }

            var counts = collector.Traffic.At(clock.GetUtcNow());
            counts.Add(TlsUpgradeState.Upgraded, (int)(load * 3 * moved));
            counts.Add(TlsUpgradeState.DirectTls, (int)(load * 2 * moved) + 2);
            for (var i = 0; i < load; i++)
            {
                counts.Add((minute + i) % 10 < 10 * moved ? ConnectionOutcome.Upgraded : ConnectionOutcome.Plaintext, FailureCause.None);
                counts.Add((minute + i) % 3 == 0 ? ConnectionOutcome.DirectTls : ConnectionOutcome.Plaintext, FailureCause.None);
            }

            counts.Add(ConnectionOutcome.Silent, FailureCause.None);
            if (minute % 9 == 0)
            {
                counts.Add(ConnectionOutcome.Failed, minute % 2 == 0 ? FailureCause.ClientRejectedCertificate : FailureCause.NoSharedVersion);
                counts.AddRefusal(StatusCodes.Status426UpgradeRequired);
            }

            if (minute % 240 == 0)
            {
                var strict = collector.Callers.GetOrAdd("StrictPrinter/1.0", NetworkPrefix.Of(IPAddress.Parse("192.0.2.31")));
                strict.Add(CallerFigure.Failed, clock.GetUtcNow());
                strict.Failures.Add(new(
                    minute % 480 == 0 ? FailureCause.NoSharedVersion : FailureCause.ClientRejectedCertificate, 1, clock.GetUtcNow(), null, "192.0.2.1", "TLS 1.0"));
            }

            if (minute % 30 == 0)
            {
                ReportResources(collector, minute);
            }

            if (minute % 21 == 0)
            {
                counts.Add(ConnectionOutcome.Refused, FailureCause.DirectHttp1);
            }
        }

        clock.Offset = TimeSpan.Zero;
        collector.Callers.GetOrAdd("StrictPrinter/1.0", NetworkPrefix.Of(IPAddress.Parse("192.0.2.31"))).FallBack(clock.GetUtcNow().AddMinutes(42), clock.GetUtcNow());
    }

    /// <summary>What requires TLS, or would, and a browser that is sent to https.</summary>
    private static void ReportResources(ReportCollector collector, int minute)
    {
        collector.RequestTolerated(CreateRequest("LegacyTill/2.1 (terminal)", "192.0.2.17", false, minute % 60 == 0 ? "/receipts/{id}" : "/tills/{till}/drawer"), 426);
        collector.RequestTolerated(CreateRequest("okhttp/3.12.1", "198.51.100.4", false, "/receipts/{id}"), 426);
        collector.RequestTolerated(CreateRequest("CUPS/2.4.2 (Linux; x86_64) IPP/2.0", "2001:db8:20::5", true, "/printers/{name}"), 101);
        collector.OfferDeclined(CreateRequest("CUPS/2.4.2 (Linux; x86_64) IPP/2.0", "2001:db8:20::5", true), DeclineReason.NotRequired);
        collector.OfferDeclined(CreateRequest("StrictPrinter/1.0", "192.0.2.31", true), DeclineReason.FellBack);
        collector.RequestRefused(CreateRequest("curl/7.88.1", "192.0.2.200", false, "/admin"), StatusCodes.Status426UpgradeRequired);

        const string Browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
        var navigation = CreateRequest(Browser, "192.0.2.90", false, "/admin");
        (navigation.Request.Method, navigation.Request.Headers.UpgradeInsecureRequests) = ("GET", "1");
        collector.RequestReceived(navigation, TlsUpgradeState.Plaintext, isReplayed: false);
        collector.RequestRefused(navigation, StatusCodes.Status307TemporaryRedirect);
        collector.RequestReceived(CreateRequest(Browser, "192.0.2.90", false), TlsUpgradeState.DirectTls, isReplayed: false);
        collector.RequestReceived(CreateRequest("ipptool/2.4", "192.0.2.91", true), TlsUpgradeState.Upgraded, isReplayed: true);
    }

    private static DefaultHttpContext CreateRequest(string userAgent, string address, bool offersUpgrade, string? route = null)
    {
        var context = new DefaultHttpContext();
        if (route is not null)
        {
            context.SetEndpoint(new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse(route), 0, null, null));
        }

        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers.UserAgent = userAgent;
        if (offersUpgrade)
        {
            context.Request.Headers.Upgrade = "TLS/1.2";
        }

        return context;
    }
}
