functions {
#include helpers.stanfunctions
}
