using System.Net;
using KestrelTlsUpgrade.Internal.Telemetry;
using KestrelTlsUpgrade.Report.Internal.Collecting;
using Microsoft.AspNetCore.Http;

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
                collector.Callers.GetOrAdd("StrictPrinter/1.0", NetworkPrefix.Of(IPAddress.Parse("192.0.2.31"))).Add(CallerFigure.Failed, clock.GetUtcNow());
            }

            if (minute % 21 == 0)
            {
                counts.Add(ConnectionOutcome.Refused, FailureCause.DirectHttp1);
            }
        }

        clock.Offset = TimeSpan.Zero;
    }

    private static DefaultHttpContext CreateRequest(string userAgent, string address, bool offersUpgrade)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.Request.Headers.UserAgent = userAgent;
        if (offersUpgrade)
        {
            context.Request.Headers.Upgrade = "TLS/1.2";
        }

        return context;
    }
}
