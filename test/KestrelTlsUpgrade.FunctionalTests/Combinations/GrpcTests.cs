using Grpc.Core;
using Grpc.Net.Client;
using KestrelTlsUpgrade.TestApp;
using KestrelTlsUpgrade.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace KestrelTlsUpgrade.FunctionalTests.Combinations;

/// <summary>gRPC, which needs HTTP/2, over TLS from the first byte of the same port.</summary>
public sealed class GrpcTests
{
    [Fact]
    public async Task Call_OverDirectTls_Answers()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddGrpc(), app: app => app.MapGrpcService<EchoService>().RequireTlsUpgrade());
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var channel = GrpcChannel.ForAddress($"https://localhost:{server.Port}", new() { HttpHandler = handler });
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(
            EchoContract.Method, null, new CallOptions(cancellationToken: TestContext.Current.CancellationToken), "hello");
        Assert.Equal("DirectTls hello", await call);
        Assert.Equal("yes", call.GetTrailers().GetValue("echoed"));
    }

    [Fact]
    public async Task Call_ClearText_Refused()
    {
        await using var server = await UpgradeServer.StartAsync(
            services: services => services.AddGrpc(),
            app: app => app.MapGrpcService<EchoService>().RequireTlsUpgrade(),
            isUpgradable: false,
            endpoint: endpoint => endpoint.Protocols = Microsoft.AspNetCore.Server.Kestrel.Core.HttpProtocols.Http2);
        using var channel = GrpcChannel.ForAddress($"http://localhost:{server.Port}");
        using var call = channel.CreateCallInvoker().AsyncUnaryCall(
            EchoContract.Method, null, new CallOptions(cancellationToken: TestContext.Current.CancellationToken), "hello");
        var refusal = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.PermissionDenied, refusal.StatusCode);
    }
}
