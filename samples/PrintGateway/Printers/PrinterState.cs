using System.Text.Json.Serialization;

namespace PrintGateway.Printers;

[JsonConverter(typeof(JsonStringEnumConverter<PrinterState>))]
public enum PrinterState
{
    Idle,
    Printing,
    Stopped,
}
