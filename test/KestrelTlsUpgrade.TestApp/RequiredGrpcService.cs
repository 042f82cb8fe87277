using Grpc.Core;

namespace KestrelTlsUpgrade.TestApp;

[RequireTlsUpgrade]
public sealed class RequiredGrpcService(HandlerCalls calls) : EchoContract
{
    public override Task<string> Echo(string request, ServerCallContext context) => Task.FromResult(calls.Record());
}
