namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>Many connections that have had their first response and stay.</summary>
internal sealed class OpenConnections : IAsyncDisposable
{
    private const int AtATime = 16;

    private readonly LoadConnection?[] _connections;

    private OpenConnections(int count) => _connections = new LoadConnection?[count];

    public LoadConnection this[int index] => _connections[index]!;

    public static async Task<OpenConnections> OpenAsync(LoadTarget target, Opening opening, int count)
    {
        var open = new OpenConnections(count);
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = AtATime }, async (index, _) =>
                open._connections[index] = await LoadConnection.OpenAsync(target, opening, resumes: false, new byte[LoadConnection.BufferLength]));
            return open;
        }
        catch
        {
            await open.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.OfType<LoadConnection>())
        {
            await connection.DisposeAsync();
        }
    }
}
