using KestrelTlsUpgrade.Soak.Report;

namespace KestrelTlsUpgrade.Soak.Load;

/// <summary>Requests that are in flight when a server stops, the first and later ones of connections.</summary>
internal sealed class HeldRequests
{
    private static readonly (ConnectionKind Kind, bool IsFirst)[] Connections =
    [
        (ConnectionKind.Plaintext, true),
        (ConnectionKind.Plaintext, false),
        (ConnectionKind.UpgradeFirst, true),
        (ConnectionKind.UpgradeFirst, false),
        (ConnectionKind.UpgradeLater, false),
        (ConnectionKind.DirectTlsHttp1, true),
        (ConnectionKind.DirectTlsHttp1, false),
    ];

    private readonly Target _target;
    private readonly Ledger _ledger;

    public HeldRequests(Target target, Ledger ledger)
    {
        (_target, _ledger) = (target, ledger);
        HttpClientLoad[] clients = [new(ConnectionKind.DirectTlsHttp2, target, ledger), new(ConnectionKind.Client, target, ledger)];
        Count = Connections.Length + clients.Sum(static client => client.Width);
        Completion = Task.WhenAll([.. Connections.Select(RunAsync), .. clients.Select(static client => client.HoldAsync())]);
    }

    public int Count { get; }

    /// <summary>Until all are answered, and their connections closed.</summary>
    public Task Completion { get; }

    private async Task RunAsync((ConnectionKind Kind, bool IsFirst) connection)
    {
        await using var session = new ConnectionSession(connection.Kind, _target, _ledger);
        try
        {
            await session.OpenAsync(isHeld: connection.IsFirst);
            if (!connection.IsFirst)
            {
                await (connection.Kind is ConnectionKind.UpgradeLater ? session.UpgradeAsync(isHeld: true) : session.AskAsync(isHeld: true));
            }

            await session.CloseAtServerAsync();
        }
        catch (Exception exception)
        {
            _ledger.AddFailure(ConnectionKind.InFlightAtStop, $"{connection.Kind}: {session.Step}", exception);
        }
    }
}
