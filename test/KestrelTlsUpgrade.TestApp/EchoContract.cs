using System.Text;
using Grpc.Core;

namespace KestrelTlsUpgrade.TestApp;

/// <summary>What a gRPC tool would have made of a contract file.</summary>
[BindServiceMethod(typeof(EchoContract), nameof(Bind))]
public abstract class EchoContract
{
    private static readonly Marshaller<string> Text = Marshallers.Create(Encoding.UTF8.GetBytes, Encoding.UTF8.GetString);

    public static Method<string, string> Method { get; } = new(MethodType.Unary, "test.Echo", "Echo", Text, Text);

    public static void Bind(ServiceBinderBase binder, EchoContract? service) =>
        binder.AddMethod(Method, service is null ? null : service.Echo);

    public abstract Task<string> Echo(string request, ServerCallContext context);
}
