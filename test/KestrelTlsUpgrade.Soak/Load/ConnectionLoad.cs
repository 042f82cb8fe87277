using KestrelTlsUpgrade.Soak.Report;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>One connection after the other, with some requests on each.</summary>
internal static class ConnectionLoad
{
    private const int MostRequests = 20;

    public static async Task RunAsync(ConnectionKind kind, Target target, Ledger ledger, CancellationToken timeUp)
    {
        var random = new Random();
        while (!timeUp.IsCancellationRequested)
        {
            await using var session = new ConnectionSession(kind, target, ledger);
            try
            {
                await session.OpenAsync();
                var count = random.Next(MostRequests);
                var upgradeAt = kind is ConnectionKind.UpgradeLater ? random.Next(count) : -1;
                for (var i = 0; i < count && !session.IsOver && !timeUp.IsCancellationRequested; i++)
                {
                    await Pause.TakeAsync(random);
                    await (i == upgradeAt ? session.UpgradeAsync() : session.AskAsync());
                }
            }
            catch (Exception exception)
            {
                ledger.AddFailure(kind, session.Step, exception);
                await Task.Delay(100, CancellationToken.None);
            }

            // Some clients crash.
            if (random.Next(8) == 0)
            {
                session.Reset();
            }

            await Pause.TakeAsync(random);
        }
    }
}
