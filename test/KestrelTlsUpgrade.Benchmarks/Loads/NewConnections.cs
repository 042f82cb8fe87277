using System.Globalization;
using System.Net;

namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>New connections with one response each. Whether sessions are resumed is seen on the wire.</summary>
internal sealed record NewConnections(Opening Opening, bool Resumes = false) : Load
{
    public override string Unit => "connections";

    public override int RoundTrips => Opening switch
    {
        Opening.Plaintext => 2,
        Opening.UpgradeLater => 4,

        // A replayed request is answered as soon as the handshake is over, where TLS from the start takes one more to ask.
        _ => 3,
    };

    public override async Task<LoadResult> RunAsync(IPEndPoint server, int connections, TimeSpan duration, Action onReady)
    {
        var targets = Enumerable.Range(0, connections).Select(client => CreateTarget(server, client)).ToArray();
        if (Resumes)
        {
            // Gets each its session.
            await Task.WhenAll(targets.Select(target => OpenAsync(target, new byte[LoadConnection.BufferLength])));
        }

        var fullBefore = targets.Sum(static target => target.FullHandshakes);
        onReady();
        var result = await RunEachAsync(connections, duration, (index, deadline) => OpenManyAsync(targets[index], deadline));
        Check(targets.Sum(static target => target.FullHandshakes) - fullBefore, targets.Sum(static target => target.ResumedHandshakes));
        return result;
    }

    /// <summary>With a name of its own, each client has always a session, and one of this server.</summary>
    private LoadTarget CreateTarget(IPEndPoint server, int client) =>
        Resumes ? new(server, string.Create(CultureInfo.InvariantCulture, $"{server.Port}-{client:D3}.test")) : new(server);

    private async Task<double> OpenManyAsync(LoadTarget target, Deadline deadline)
    {
        var buffer = new byte[LoadConnection.BufferLength];
        var count = 0;
        do
        {
            await OpenAsync(target, buffer);
            count++;
        }
        while (!deadline.IsOver);

        return count;
    }

    private async Task OpenAsync(LoadTarget target, byte[] buffer)
    {
        await using var connection = await LoadConnection.OpenAsync(target, Opening, Resumes, buffer);
    }

    private void Check(int full, int resumed)
    {
        var isAsMeant = (Opening, Resumes) switch
        {
            (Opening.Plaintext, _) => full + resumed == 0,
            (_, true) => full == 0,
            _ => resumed == 0,
        };
        if (!isAsMeant)
        {
            throw new InvalidDataException($"{full} handshakes were full and {resumed} resumed.");
        }
    }
}
