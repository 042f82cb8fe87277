namespace KestrelTlsUpgrade.Benchmarks.Loads;

/// <summary>Requests with small responses on connections that stay.</summary>
internal sealed record SteadyRequests(Opening Opening) : SteadyLoad(Opening)
{
    public override string Unit => "requests";

    public override int RoundTrips => 1;

    protected override async Task<double> UseAsync(LoadConnection connection, Deadline deadline)
    {
        var count = 0;
        do
        {
            await connection.AskAsync();
            count++;
        }
        while (!deadline.IsOver);

        return count;
    }
}
