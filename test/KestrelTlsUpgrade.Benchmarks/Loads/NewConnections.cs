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
        var target = new LoadTarget(server);
        if (Resumes)
        {
            // Gets the session.
            await OpenAsync(target, new byte[LoadConnection.BufferLength]);
        }

        var fullHandshakes = target.FullHandshakes;
        onReady();
        var result = await RunEachAsync(connections, duration, (_, deadline) => OpenManyAsync(target, deadline));
        CheckHandshakes(result.Count, target.FullHandshakes - fullHandshakes, target.ResumedHandshakes);
        return result;
    }

    private async Task<double> OpenManyAsync(LoadTarget target, Deadline deadline)
    {
        var buffer = new byte[LoadConnection.BufferLength];
        var count = 0;
        for (; !deadline.IsOver; count++)
        {
            await OpenAsync(target, buffer);
        }

        return count;
    }

    private async Task OpenAsync(LoadTarget target, byte[] buffer)
    {
        await using var connection = await LoadConnection.OpenAsync(target, Opening, Resumes, buffer);
    }

    private void CheckHandshakes(double count, int full, int resumed)
    {
        var isAsMeant = (Opening, Resumes) switch
        {
            (Opening.Plaintext, _) => full + resumed == 0,
            (_, true) => full <= count / 100,
            _ => resumed == 0,
        };
        if (!isAsMeant)
        {
            throw new InvalidDataException($"{full} handshakes were full and {resumed} resumed.");
        }
    }
}
