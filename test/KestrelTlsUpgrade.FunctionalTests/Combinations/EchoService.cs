using Grpc.Core;
using KestrelTlsUpgrade.TestApp;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>A gRPC service that tells how the call arrived.</summary>
internal sealed class EchoService : EchoContract
{
    public override Task<string> Echo(string request, ServerCallContext context)
    {
        var upgrade = context.GetHttpContext().Features.Get<ITlsUpgradeFeature>();
        context.ResponseTrailers.Add("echoed", "yes");
        return Task.FromResult($"{upgrade?.State} {request}");
    }
}
