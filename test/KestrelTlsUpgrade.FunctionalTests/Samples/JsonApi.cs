using System.Net;

namespace KestrelTlsUpgrade.FunctionalTests.Samples;

/// <summary>The print api, run on ports of its own, and on two addresses: dynamic ports of one cannot be told apart.</summary>
internal sealed class JsonApi : IAsyncDisposable
{
    private readonly SampleProcess _process;

    private JsonApi(SampleProcess process) => _process = process;

    public IPEndPoint Office => Find("127.0.0.1");

    public IPEndPoint Administration => Find("127.0.0.2");

    /// <param name="fingerprints">Of the administrators' certificates.</param>
    public static async Task<JsonApi> StartAsync(params string[] fingerprints) => new(await SampleProcess.StartAsync(
        "JsonApi",
        [
            "--Kestrel:Endpoints:Office:Url=http://127.0.0.1:0",
            "--Kestrel:Endpoints:Administration:Url=http://127.0.0.2:0",
            .. fingerprints.Select((fingerprint, i) => $"--Administration:Fingerprints:{i}={fingerprint}"),
        ]));

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private IPEndPoint Find(string address) => _process.EndPoints.Single(endPoint => endPoint.Address.Equals(IPAddress.Parse(address)));
}
