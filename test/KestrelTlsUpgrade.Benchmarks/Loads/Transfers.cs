namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>
/// Responses of 1 MB, or requests of 100 MB, on connections that stay. Counted by bytes, as few may be done in a round.
/// </summary>
internal sealed record Transfers(Opening Opening, bool IsUpload) : SteadyLoad(Opening)
{
    private readonly byte[] _part = new byte[64 * 1024];

    public override string Unit => "MB";

    protected override async Task<double> UseAsync(LoadConnection connection, Deadline deadline)
    {
        var buffer = new byte[_part.Length];
        var bytes = 0.0;
        do
        {
            bytes += IsUpload ? await connection.UploadAsync(deadline, _part) : await connection.DownloadAsync(deadline, buffer);

            // Reads and writes that seldom wait would leave the thread pool to few connections.
            await Task.Yield();
        }
        while (!deadline.IsOver);

        return bytes / 1e6;
    }
}
